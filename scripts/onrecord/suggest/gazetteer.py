"""Names that everybody knows: countries, their adjectives and peoples, big cities, regions, faiths.

Public facts, written down by hand. What the corpus itself names is learnt from its gold
(`known.learn`), so this list does not grow with the news.
"""

from __future__ import annotations

from onrecord.suggest.words import words

# A name is followed by the number of its Wikidata id (Q…) if it means one thing in the news and the
# id is known by heart (never a guess); Georgia, Congress and Washington mean several. Behind the
# colon of a country stand its adjectives and peoples.
_COUNTRIES = """\
Afghanistan 889: Afghan Afghans
Albania 222: Albanian Albanians
Algeria 262: Algerian Algerians
Andorra 228: Andorran Andorrans
Angola 916: Angolan Angolans
Argentina 414: Argentine Argentines Argentinian Argentinians
Armenia 399: Armenian Armenians
Australia 408: Australian Australians Aussie
Austria 40: Austrian Austrians
Azerbaijan 227: Azerbaijani Azerbaijanis Azeri
Bahamas 778: Bahamian Bahamians
Bahrain 398: Bahraini Bahrainis
Bangladesh 902: Bangladeshi Bangladeshis
Barbados 244: Barbadian Barbadians
Belarus 184: Belarusian Belarusians Belarussian
Belgium 31: Belgian Belgians
Belize 242: Belizean Belizeans
Benin 962: Beninese
Bhutan 917: Bhutanese
Bolivia 750: Bolivian Bolivians
Bosnia: Bosnian Bosnians
Bosnia and Herzegovina 225:
Botswana 963: Botswanan Motswana
Brazil 155: Brazilian Brazilians
Brunei 921: Bruneian
Bulgaria 219: Bulgarian Bulgarians
Burkina Faso 965: Burkinabe
Burundi 967: Burundian Burundians
Cambodia 424: Cambodian Cambodians
Cameroon 1009: Cameroonian Cameroonians
Canada 16: Canadian Canadians
Cape Verde 1011:
Central African Republic 929:
Chad 657: Chadian Chadians
Chile 298: Chilean Chileans
China 148: Chinese
Colombia 739: Colombian Colombians
Comoros 970: Comorian Comorians
Congo: Congolese
Democratic Republic of Congo 974:
Costa Rica 800:
Croatia 224: Croatian Croatians Croat Croats
Cuba 241: Cuban Cubans
Cyprus 229: Cypriot Cypriots
Czech Republic 213: Czech Czechs
Czechia 213:
Denmark 35: Danish Dane Danes
Djibouti 977: Djiboutian
Dominica 784:
Dominican Republic 786: Dominican Dominicans
East Timor 574: Timorese
Ecuador 736: Ecuadorian Ecuadorians Ecuadorean
Egypt 79: Egyptian Egyptians
El Salvador 792: Salvadoran Salvadorans
England 21: English Englishman Englishwoman
Equatorial Guinea 983:
Eritrea 986: Eritrean Eritreans
Estonia 191: Estonian Estonians
Eswatini 1050:
Ethiopia 115: Ethiopian Ethiopians
Fiji 712: Fijian Fijians
Finland 33: Finnish Finn Finns
France 142: French Frenchman Frenchwoman
Gabon 1000: Gabonese
Gambia 1005: Gambian Gambians
Georgia: Georgian Georgians
Germany 183: German Germans
Ghana 117: Ghanaian Ghanaians
Greece 41: Greek Greeks
Grenada 769: Grenadian
Guatemala 774: Guatemalan Guatemalans
Guinea 1006: Guinean Guineans
Guyana 734: Guyanese
Haiti 790: Haitian Haitians
Honduras 783: Honduran Hondurans
Hungary 28: Hungarian Hungarians
Iceland 189: Icelandic Icelander Icelanders
India 668: Indian Indians
Indonesia 252: Indonesian Indonesians
Iran 794: Iranian Iranians
Iraq 796: Iraqi Iraqis
Ireland 27: Irish Irishman Irishwoman
Israel 801: Israeli Israelis
Italy 38: Italian Italians
Ivory Coast 1008: Ivorian Ivorians
Jamaica 766: Jamaican Jamaicans
Japan 17: Japanese
Jordan 810: Jordanian Jordanians
Kazakhstan 232: Kazakh Kazakhs Kazakhstani
Kenya 114: Kenyan Kenyans
Kiribati 710:
Kosovo 1246: Kosovar Kosovan
Kuwait 817: Kuwaiti Kuwaitis
Kyrgyzstan 813: Kyrgyz
Laos 819: Laotian Laotians Lao
Latvia 211: Latvian Latvians
Lebanon 822: Lebanese
Lesotho 1013: Basotho
Liberia 1014: Liberian Liberians
Libya 1016: Libyan Libyans
Liechtenstein 347:
Lithuania 37: Lithuanian Lithuanians
Luxembourg 32:
Madagascar 1019: Malagasy
Malawi 1020: Malawian Malawians
Malaysia 833: Malaysian Malaysians
Maldives 826: Maldivian Maldivians
Mali 912: Malian Malians
Malta 233: Maltese
Mauritania 1025: Mauritanian Mauritanians
Mauritius 1027: Mauritian Mauritians
Mexico 96: Mexican Mexicans
Moldova 217: Moldovan Moldovans
Monaco 235: Monegasque
Mongolia 711: Mongolian Mongolians
Montenegro 236: Montenegrin Montenegrins
Morocco 1028: Moroccan Moroccans
Mozambique 1029: Mozambican Mozambicans
Myanmar 836: Burmese
Burma:
Namibia 1030: Namibian Namibians
Nepal 837: Nepali Nepalese Nepalis
Netherlands: Dutch Dutchman Dutchwoman
New Zealand 664: Kiwi Kiwis
Nicaragua 811: Nicaraguan Nicaraguans
Niger 1032: Nigerien
Nigeria 1033: Nigerian Nigerians
North Korea 423:
North Macedonia 221: Macedonian Macedonians
Northern Ireland 26:
Norway 20: Norwegian Norwegians
Oman 842: Omani Omanis
Pakistan 843: Pakistani Pakistanis
Palestine: Palestinian Palestinians
Panama 804: Panamanian Panamanians
Papua New Guinea 691:
Paraguay 733: Paraguayan Paraguayans
Peru 419: Peruvian Peruvians
Philippines 928: Filipino Filipinos Philippine
Poland 36: Polish Pole Poles
Portugal 45: Portuguese
Qatar 846: Qatari Qataris
Romania 218: Romanian Romanians
Russia 159: Russian Russians
Rwanda 1037: Rwandan Rwandans
Samoa 683: Samoan Samoans
Saudi Arabia 851: Saudi Saudis
Scotland 22: Scottish Scot Scots
Senegal 1041: Senegalese
Serbia 403: Serbian Serbians Serb Serbs
Seychelles 1042:
Sierra Leone 1044:
Singapore 334: Singaporean Singaporeans
Slovakia 214: Slovak Slovaks Slovakian
Slovenia 215: Slovenian Slovenians Slovene Slovenes
Solomon Islands 685:
Somalia 1045: Somali Somalis
South Africa 258:
South Korea 884:
South Sudan 958:
Spain 29: Spanish Spaniard Spaniards
Sri Lanka 854:
Sudan 1049: Sudanese
Suriname 730: Surinamese
Sweden 34: Swedish Swede Swedes
Switzerland 39: Swiss
Syria 858: Syrian Syrians
Taiwan 865: Taiwanese
Tajikistan 863: Tajik Tajiks
Tanzania 924: Tanzanian Tanzanians
Thailand 869: Thai Thais
Tibet: Tibetan Tibetans
Togo 945: Togolese
Tonga 678: Tongan Tongans
Trinidad and Tobago 754: Trinidadian Trinidadians
Tunisia 948: Tunisian Tunisians
Turkey 43: Turkish Turk Turks
Turkiye 43:
Türkiye 43:
Turkmenistan 874: Turkmen
Tuvalu 672:
Uganda 1036: Ugandan Ugandans
Ukraine 212: Ukrainian Ukrainians
United Arab Emirates 878: Emirati Emiratis
United Kingdom 145: British Briton Britons Brit Brits
United States 30: American Americans
Uruguay 77: Uruguayan Uruguayans
Uzbekistan 265: Uzbek Uzbeks
Vanuatu 686:
Vatican 237:
Venezuela 717: Venezuelan Venezuelans
Vietnam 881: Vietnamese
Wales 25: Welsh Welshman
Western Sahara:
Yemen 805: Yemeni Yemenis
Zambia 953: Zambian Zambians
Zimbabwe 954: Zimbabwean Zimbabweans"""
_TERRITORIES = """\
Soviet Union 15180;Macau 14773;Hong Kong 8646;Korea;Yugoslavia 36704;Czechoslovakia 33946;
Puerto Rico 1183;Greenland 223;Guam 16635;Gibraltar 1410;Crimea 7835;Catalonia 5705;Kurdistan;
Isle of Man;Chechnya;Bermuda 23635"""
_COUNTRIES_CALLED = """\
US=United States;U.S=United States;U.S.=United States;USA=United States;U.S.A.=United States;
America=United States;United States of America=United States;UK=United Kingdom;U.K.=United Kingdom;
U.K=United Kingdom;Britain=United Kingdom;Great Britain=United Kingdom;UAE=United Arab Emirates;
DRC=Democratic Republic of Congo;DR Congo=Democratic Republic of Congo;Holland=Netherlands;
Democratic Republic of the Congo=Democratic Republic of Congo;Republic of Ireland=Ireland;
USSR=Soviet Union;Timor-Leste=East Timor;Republic of Korea=South Korea"""
_STATES = """\
Alabama 173;Alaska 797;Arizona 816;Arkansas 1612;California 99;Colorado 1261;Connecticut 779;
Delaware 1393;Florida 812;Hawaii 782;Idaho 1221;Illinois 1204;Indiana 1415;Iowa 1546;Kansas 1558;
Kentucky 1603;Louisiana 1588;Maine 724;Maryland 1391;Massachusetts 771;Michigan 1166;Minnesota 1527;
Mississippi 1494;Missouri 1581;Montana 1212;Nebraska 1553;Nevada 1227;New Hampshire 759;
New Jersey 1408;New Mexico 1522;New York;North Carolina 1454;North Dakota 1207;Ohio 1397;
Oklahoma 1649;Oregon 824;Pennsylvania 1400;Rhode Island 1387;South Carolina 1456;South Dakota 1211;
Tennessee 1509;Texas 1439;Utah 829;Vermont 16551;West Virginia 1371;Wisconsin 1537;Wyoming 1214;
New South Wales 3224;Victoria;Queensland 36074;Tasmania 34366;Western Australia 3206;
South Australia 35715;Northern Territory 3235;Ontario 1904;Quebec 176;British Columbia 1974;
Alberta 1951;Manitoba 1948;Saskatchewan 1989;Nova Scotia 1952;New Brunswick 1965;Bavaria;Saxony;
Hesse;Brandenburg;Kerala 1186;Punjab;Gujarat;Maharashtra;Tamil Nadu;Karnataka;Bihar;Assam;Kashmir;
Uttar Pradesh;West Bengal;Rajasthan;Xinjiang;Sichuan;Guangdong;Yunnan;Hebei;Henan;Hubei;Hunan;
Hokkaido;Okinawa;Sindh;Balochistan;Khyber Pakhtunkhwa;Andalusia;Normandy;Brittany;Provence;Tuscany;
Sicily;Sardinia;Lombardy;Flanders;Wallonia;Transylvania;Donetsk;Luhansk;Yorkshire;Kent;Essex;Surrey;
Sussex;Cornwall;Devon;Norfolk;Suffolk;Lancashire;Cumbria;Northumberland;Hampshire;Dorset;Somerset"""
_CITIES = """\
London 84;Paris 90;Berlin 64;Madrid 2807;Rome 220;Vienna 1741;Brussels 239;Amsterdam 727;
Copenhagen 1748;Stockholm 1754;Oslo 585;Helsinki 1757;Warsaw 270;Prague 1085;Budapest 1781;
Bucharest 19660;Sofia 472;Athens 1524;Lisbon 597;Dublin 1761;Edinburgh 23436;Glasgow 4093;
Cardiff 10690;Belfast 10686;Manchester 18125;Liverpool 24826;Birmingham 2256;Leeds 39121;
Bristol 23154;Sheffield 42448;Newcastle;Nottingham;Oxford 34217;Cambridge 350;York;Moscow 649;
St Petersburg;St. Petersburg;Saint Petersburg 656;Kyiv 1899;Kiev;Odesa;Odessa;Kharkiv 42308;
Lviv 36036;Minsk 2280;Vilnius 216;Riga 1773;Tallinn 1770;Tbilisi 994;Yerevan 1953;Baku 9248;
Ankara 3640;Istanbul 406;Damascus 3766;Aleppo 41183;Beirut 3820;Jerusalem 1218;Tel Aviv 33935;
Amman 3805;Cairo 85;Alexandria;Tripoli;Tunis 3572;Algiers 3561;Rabat 3551;Casablanca;Khartoum 1963;
Addis Ababa 3624;Nairobi 3870;Mombasa;Kampala 3894;Kigali 3859;Dar es Salaam;Lagos 8673;Abuja 3787;
Accra 3761;Dakar 3718;Bamako 3703;Kinshasa 3838;Luanda 3897;Harare 3921;Lusaka 3881;
Johannesburg 34647;Pretoria 3926;Cape Town 5465;Durban 5468;Windhoek;Maputo;Riyadh 3692;Jeddah;
Mecca 5806;Medina;Doha 3861;Dubai 612;Abu Dhabi 1519;Kuwait City;Manama;Muscat;Sanaa;Aden;
Baghdad 1530;Mosul;Basra;Tehran 3616;Kabul 5838;Kandahar 45604;Islamabad 1362;Karachi 8660;
Lahore 11739;Peshawar;Quetta;New Delhi 987;Delhi 1353;Mumbai 1156;Bombay;Kolkata 1348;Calcutta;
Chennai 1352;Bangalore 1355;Bengaluru;Hyderabad;Dhaka 1354;Colombo 35381;Kathmandu 3037;Yangon;
Naypyidaw;Bangkok 1861;Hanoi 1858;Ho Chi Minh City 1854;Saigon;Phnom Penh;Vientiane;
Kuala Lumpur 1865;Jakarta 3630;Manila 1461;Beijing 956;Shanghai 8686;Guangzhou 16572;Shenzhen 15174;
Wuhan 11746;Chongqing;Tianjin;Chengdu;Nanjing;Taipei 1867;Seoul 8684;Busan 16520;Pyongyang 18808;
Tokyo 1490;Osaka 35765;Kyoto 34600;Hiroshima 34664;Nagasaki 38234;Ulaanbaatar;Sydney 3130;
Melbourne 3141;Brisbane 34932;Perth;Adelaide 5112;Canberra 3114;Darwin;Hobart;Auckland 37100;
Wellington 23661;Christchurch 79990;Suva;Port Moresby;New York City 60;Los Angeles 65;Chicago 1297;
Houston 16555;Philadelphia 1345;Phoenix;San Antonio;San Diego 16552;Dallas 16557;San Francisco 62;
Austin;Seattle 5083;Denver 16554;Boston 100;Detroit 12439;Miami 8652;Atlanta 23556;Washington;
Washington, D.C. 61;Baltimore 5092;Las Vegas 23768;Portland;New Orleans 34404;Cleveland 37320;
Pittsburgh 1342;Cincinnati 43196;St. Louis;Minneapolis 36091;Milwaukee;Kansas City;Nashville;
Memphis;Charlotte;Orlando;Tampa;Sacramento;San Jose;Salt Lake City;Honolulu;Anchorage;Toronto 172;
Montreal 340;Vancouver 24639;Ottawa 1930;Calgary 36312;Edmonton;Winnipeg;Mexico City 1489;
Guadalajara;Havana 1563;Kingston;Port-au-Prince;San Juan;Santo Domingo;Guatemala City;Managua;
San Salvador;Tegucigalpa;Panama City;Bogota;Bogotá 2841;Medellin;Cali;Caracas 1533;Quito 2900;
Lima 2868;La Paz;Santiago;Buenos Aires 1486;Montevideo 1335;Asuncion;Brasilia;Sao Paulo;
São Paulo 174;Rio de Janeiro 8678;Barcelona 1492;Seville 8717;Valencia;Bilbao 8692;Milan 490;
Naples 2634;Turin 495;Venice 641;Florence 2044;Munich 1726;Hamburg 1055;Frankfurt 1794;Cologne 365;
Stuttgart 1022;Dresden 1731;Leipzig 2079;Zurich 72;Geneva 71;Bern 70;Basel 78;Strasbourg 6602;
Lyon 456;Marseille 23482;Nice;Bordeaux 1479;Toulouse 7880;Antwerp 12892;Rotterdam 34370;
The Hague 36600;Gothenburg 25287;Malmo;Bergen;Trondheim;Aarhus;Reykjavik 1764;Krakow 31487;Gdansk;
Zagreb 1435;Belgrade 3711;Sarajevo 11194;Skopje 384;Pristina 25270;Tirana 19689;Ljubljana 437;
Bratislava 1780;Porto;Thessaloniki;Ramallah;Hebron;Rafah;Gaza City;Kandy;Srinagar;Ahmedabad;Pune;
Jaipur;Lucknow"""
_REGIONS = """\
Africa 15;Asia 48;Europe 46;North America 49;South America 18;Latin America 12585;Central America;
Antarctica 51;Oceania;Arctic;Antarctic;Middle East 7204;Far East;Caribbean;Balkans;Baltics;
Scandinavia;Eastern Europe;Western Europe;Central Europe;Southeast Asia;South Asia;East Asia;
Central Asia;West Africa;East Africa;North Africa;Southern Africa;Sub-Saharan Africa;Horn of Africa;
Sahel;Sahara;Mediterranean;Atlantic;Pacific;Indian Ocean 1239;Atlantic Ocean 97;Pacific Ocean 98;
Arctic Ocean 788;North Sea 1693;Baltic Sea 545;Black Sea 166;Red Sea 23406;Caspian Sea 5484;
South China Sea;East China Sea;Mediterranean Sea 4918;Persian Gulf 34675;Gulf of Mexico 12630;
Suez Canal 899;English Channel 34640;Alps 1286;Himalayas 5451;Andes 5456;Pyrenees;Rockies;Amazon;
Danube 1653;Rhine 584;Nile 3392;Volga 626;Thames 19686;Mekong;Everest;Midwest;New England;
Siberia 5428;West Bank 36678;Gaza Strip 39760;Golan Heights;Mars 111;Earth 2;Moon 405;
Silicon Valley;Caucasus;Crimean Peninsula;Korean Peninsula;Sinai;Mesopotamia;Iberian Peninsula;
Levant;Maghreb"""
_PEOPLES = words(
    """European Europeans African Africans Asian Asians Western Eastern Arab
    Arabs Arabic Muslim Muslims Islamic Islamist Islamists Islam Christian Christians
    Christianity Catholic Catholics Catholicism Protestant Protestants Protestantism
    Orthodox Anglican Anglicans Baptist Methodist Presbyterian Lutheran Mormon Mormons
    Evangelical Evangelicals Jewish Jew Jews Judaism Hindu Hindus Hinduism Buddhist
    Buddhists Buddhism Sikh Sikhs Sunni Sunnis Shia Shiite Shiites Jihadist Kurdish Kurd
    Kurds Roma Uighur Uyghur Uighurs Uyghurs Tamil Tamils Sinhalese Pashtun Pashtuns
    Rohingya Hispanic Hispanics Latino Latinos Democrat Democrats Democratic Republican
    Republicans Communist Communists Nazi Nazis Tory Tories Conservatives Soviet Soviets
    Aboriginal Aborigines Inuit Maori Indigenous Catalan Catalans Basque Basques Flemish
    Walloon Bavarian Scandinavian Nordic Baltic Balkan Caucasian Slavic Persian Ottoman
    Roman Byzantine Londoner Londoners Parisian Parisians Texan Texans Californian
    Californians Iowan Iowans Mediterranean-born Hutu Tutsi Zulu Xhosa Yoruba Igbo Hausa
    Kikuyu Taliban-led Zionist Zionists Chechen Chechens Tatar Tatars Cossack Siberian
    Venetian Sicilian Hawaiian Floridian Mayan Aztec Inca Incan Cherokee Navajo Apache
    Sioux Anglo-Saxon Germanic Celtic Euro-Atlantic Afrikaans Afrikaner Afrikaners"""
)
_PAIRED = """North Korean;North Koreans;South Korean;South Koreans;South African;South Africans;
North African;West African;East African;Latin American;Latin Americans;Central American;
South American;Sri Lankan;Sri Lankans;Costa Rican;Puerto Rican;Puerto Ricans;Middle Eastern;
African American;African Americans;African-American;African-Americans;Saudi Arabian;
New Zealander;New Zealanders;Hong Konger;Hong Kongers;East German;West German;Eastern European;
Northern Irish;South Asian;Southeast Asian;Native American;Native Americans;Afro-American;
Asian American;Torres Strait Islander;Papua New Guinean;South Sudanese;Sierra Leonean;
Anglo-American;Franco-German;Irish-American;Italian-American;Mexican-American"""
_ORGS = """\
United Nations 1065;UN;U.N.;European Union 458;EU;E.U.;NATO 7184;Nato;
World Health Organization 7817;World Health Organisation;WHO;World Bank 7164;
International Monetary Fund 7804;IMF;World Trade Organization 7825;WTO;Red Cross;UNICEF 740308;
Unicef;UNESCO 7809;Unesco;Interpol 8475;OPEC 7795;ASEAN 7768;African Union 7159;Arab League 7172;
European Commission 8880;European Parliament 8889;European Council;Congress;Senate;Parliament;
House of Commons;House of Lords;House of Representatives;Supreme Court;White House 35525;Pentagon;
Kremlin;Downing Street;Security Council;Taliban 42418;Hamas 38799;Hezbollah 41053;Hizbollah;
Al Qaeda;al-Qaida;al-Qaeda 34490;al-Shabaab;Boko Haram;Islamic State 2429253;ISIS;Isis;ISIL;
FBI 8333;CIA 37230;NSA;NASA 23548;Nasa;MI5;MI6;FIFA 253414;Fifa;UEFA 35572;Uefa;IOC;NBA;NFL;NHL;
BBC 9531;CNN 48340;NBC;CBS;ABC;Reuters 130879;Associated Press 40469;AFP;Agence France-Presse 40464;
AP;Al Jazeera;New York Times 9684;Washington Post 166032;Wall Street Journal 164746;Guardian 11148;
Financial Times 183399;Bloomberg;Google 95;Microsoft 2283;Apple;Amazon.com;Meta;Samsung;
Toyota 53268;Volkswagen;BMW;Boeing 66;Airbus 67;Shell;BP;ExxonMobil;Gazprom;Greenpeace 81307;
Amnesty International 42970;Human Rights Watch 187052;Oxfam;Médecins Sans Frontières;
Doctors Without Borders;Labour;Labour Party;Conservative Party;Democratic Party 29552;
Republican Party 29468;Green Party;Liberal Democrats;Sinn Féin;Sinn Fein;GOP;Federal Reserve 53536;
European Central Bank 8901;ECB;Bank of England;Scotland Yard;Xinhua;Interfax;TASS;
International Criminal Court 47488;ICC;International Atomic Energy Agency 41984;IAEA;OSCE;OECD;G7;
G20;BRICS;Commonwealth;Knesset;Bundestag;Duma;Bundesbank;Tesla;Netflix 907311;Sony;Nokia;Intel;IBM;
Nike;Ryanair"""
# Entities that are known by these names, which may be of another type elsewhere.
_UNTYPED = """\
Virginia 1370;Twitter 918;Instagram 209330;YouTube 866;Wikipedia 52;Walmart 483551;
United States Congress 11268;United States Senate 66096;
United States House of Representatives 11701;United States Supreme Court 11201;
United States Constitution 11698;United States Army 9212;United States Navy 11220;
International Space Station 25271;European Space Agency 42262;Islam 432"""
_CALLED = """\
UN=United Nations;U.N.=United Nations;EU=European Union;E.U.=European Union;Nato=NATO;
WHO=World Health Organization;World Health Organisation=World Health Organization;
IMF=International Monetary Fund;WTO=World Trade Organization;Unicef=UNICEF;Unesco=UNESCO;
Hizbollah=Hezbollah;Al Qaeda=al-Qaeda;al-Qaida=al-Qaeda;ISIS=Islamic State;Isis=Islamic State;
ISIL=Islamic State;Nasa=NASA;Fifa=FIFA;Uefa=UEFA;AP=Associated Press;AFP=Agence France-Presse;
GOP=Republican Party;ECB=European Central Bank;ICC=International Criminal Court;
IAEA=International Atomic Energy Agency;Kiev=Kyiv;St Petersburg=Saint Petersburg;
St. Petersburg=Saint Petersburg;Washington D.C.=Washington, D.C.;Washington DC=Washington, D.C.;
Bogota=Bogotá;Sao Paulo=São Paulo;Bombay=Mumbai;Calcutta=Kolkata;Bengaluru=Bangalore;
Saigon=Ho Chi Minh City;Democrat=Democratic Party;Democrats=Democratic Party;
Democratic=Democratic Party;Republican=Republican Party;Republicans=Republican Party;
European=Europe;Europeans=Europe;African=Africa;Africans=Africa;Asian=Asia;Asians=Asia;
South American=South America;Latin American=Latin America;Latin Americans=Latin America;
Islamic=Islam;Soviet=Soviet Union;North American=North America;Burma=Myanmar;
The New York Times=New York Times;The Washington Post=Washington Post;The Guardian=Guardian;
The Wall Street Journal=Wall Street Journal;US Congress=United States Congress;
U.S. Congress=United States Congress;US Senate=United States Senate;
U.S. Senate=United States Senate;US House of Representatives=United States House of Representatives;
U.S. House of Representatives=United States House of Representatives;
US Supreme Court=United States Supreme Court;U.S. Supreme Court=United States Supreme Court;
US Constitution=United States Constitution;U.S. Constitution=United States Constitution;
US Army=United States Army;U.S. Army=United States Army;US Navy=United States Navy;
U.S. Navy=United States Navy;ESA=European Space Agency;North Korean=North Korea;
North Koreans=North Korea;South Korean=South Korea;South Koreans=South Korea;
South African=South Africa;South Africans=South Africa;Sri Lankan=Sri Lanka;Sri Lankans=Sri Lanka;
Costa Rican=Costa Rica;Puerto Rican=Puerto Rico;Puerto Ricans=Puerto Rico;New Zealander=New Zealand;
New Zealanders=New Zealand;Saudi Arabian=Saudi Arabia;Hong Konger=Hong Kong;Hong Kongers=Hong Kong;
South Sudanese=South Sudan;Sierra Leonean=Sierra Leone;Papua New Guinean=Papua New Guinea;
Northern Irish=Northern Ireland"""


def _table(text: str) -> dict[str, str]:
    """Name -> Wikidata id, "" where none is given."""
    found = {}
    for entry in text.replace("\n", "").split(";"):
        name, _, number = entry.rpartition(" ")
        if number.isdigit():
            found[name] = f"Q{number}"
        else:
            found[entry] = ""
    return found


def _pairs(text: str) -> dict[str, str]:
    return dict(entry.split("=") for entry in text.replace("\n", "").split(";"))


COUNTRIES = _table(";".join(line.partition(":")[0] for line in _COUNTRIES.splitlines()))
"""Country -> Wikidata id."""
NORPS: dict[str, str] = {}
"""Adjective or people -> the country that is its entity, "" where there is none."""
for _country, _line in zip(COUNTRIES, _COUNTRIES.splitlines(), strict=True):
    for _form in _line.partition(":")[2].split():
        NORPS.setdefault(_form, _country)
for _form in (*sorted(_PEOPLES), *_table(_PAIRED)):
    NORPS.setdefault(_form, "")

_CALLED_GPE = _pairs(_COUNTRIES_CALLED)
CALLED = _pairs(_CALLED) | _CALLED_GPE
"""Another name of an entity, or the word for its people -> the entity."""
_TYPED = {
    "ORG": _table(_ORGS),
    "LOC": _table(_REGIONS),
    "GPE": COUNTRIES | _table(_TERRITORIES) | _table(_STATES) | _table(_CITIES),
}
NAMES: dict[str, str] = {_name: _type for _type, _names in _TYPED.items() for _name in _names}
"""Name -> type."""
NAMES |= dict.fromkeys(_CALLED_GPE, "GPE") | dict.fromkeys(NORPS, "NORP")
IDS: dict[str, str] = _table(_UNTYPED)
"""Name of an entity -> its Wikidata id."""
for _names in _TYPED.values():
    IDS |= _names


def entity_of(name: str) -> tuple[str, str]:
    """`(entity's name, Wikidata id)` of a known name; `(name, "")` for any other."""
    fullest = CALLED.get(name) or NORPS.get(name) or name
    return fullest, IDS.get(fullest, "")


LONGEST = max(len(name.split()) for name in NAMES)

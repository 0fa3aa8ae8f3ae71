"""Names that everybody knows: countries, their adjectives and peoples, big cities, regions, faiths.

Public facts, written down by hand. What the corpus itself names is learnt from its gold
(`known.learn`), so this list does not grow with the news.
"""

from __future__ import annotations

from onrecord.suggest.words import words

# Country: Wikidata id where it is known by heart: adjectives and peoples. A country without an id
# gets none (never a guess).
_COUNTRIES = """
Afghanistan Q889: Afghan Afghans
Albania Q222: Albanian Albanians
Algeria Q262: Algerian Algerians
Andorra Q228: Andorran Andorrans
Angola Q916: Angolan Angolans
Argentina Q414: Argentine Argentines Argentinian Argentinians
Armenia Q399: Armenian Armenians
Australia Q408: Australian Australians Aussie
Austria Q40: Austrian Austrians
Azerbaijan Q227: Azerbaijani Azerbaijanis Azeri
Bahamas: Bahamian Bahamians
Bahrain Q398: Bahraini Bahrainis
Bangladesh Q902: Bangladeshi Bangladeshis
Barbados: Barbadian Barbadians
Belarus Q184: Belarusian Belarusians Belarussian
Belgium Q31: Belgian Belgians
Belize: Belizean Belizeans
Benin: Beninese
Bhutan: Bhutanese
Bolivia Q750: Bolivian Bolivians
Bosnia: Bosnian Bosnians
Bosnia and Herzegovina Q225:
Botswana: Botswanan Motswana
Brazil Q155: Brazilian Brazilians
Brunei: Bruneian
Bulgaria Q219: Bulgarian Bulgarians
Burkina Faso: Burkinabe
Burundi: Burundian Burundians
Cambodia Q424: Cambodian Cambodians
Cameroon Q1009: Cameroonian Cameroonians
Canada Q16: Canadian Canadians
Cape Verde:
Central African Republic:
Chad Q657: Chadian Chadians
Chile Q298: Chilean Chileans
China Q148: Chinese
Colombia Q739: Colombian Colombians
Comoros: Comorian Comorians
Congo: Congolese
Democratic Republic of Congo:
Costa Rica:
Croatia Q224: Croatian Croatians Croat Croats
Cuba Q241: Cuban Cubans
Cyprus Q229: Cypriot Cypriots
Czech Republic Q213: Czech Czechs
Czechia Q213:
Denmark Q35: Danish Dane Danes
Djibouti: Djiboutian
Dominica:
Dominican Republic: Dominican Dominicans
East Timor: Timorese
Ecuador Q736: Ecuadorian Ecuadorians Ecuadorean
Egypt Q79: Egyptian Egyptians
El Salvador: Salvadoran Salvadorans
England: English Englishman Englishwoman
Equatorial Guinea:
Eritrea: Eritrean Eritreans
Estonia Q191: Estonian Estonians
Eswatini:
Ethiopia Q115: Ethiopian Ethiopians
Fiji: Fijian Fijians
Finland Q33: Finnish Finn Finns
France Q142: French Frenchman Frenchwoman
Gabon: Gabonese
Gambia: Gambian Gambians
Georgia: Georgian Georgians
Germany Q183: German Germans
Ghana Q117: Ghanaian Ghanaians
Greece Q41: Greek Greeks
Grenada: Grenadian
Guatemala: Guatemalan Guatemalans
Guinea: Guinean Guineans
Guyana: Guyanese
Haiti Q790: Haitian Haitians
Honduras: Honduran Hondurans
Hungary Q28: Hungarian Hungarians
Iceland Q189: Icelandic Icelander Icelanders
India Q668: Indian Indians
Indonesia Q252: Indonesian Indonesians
Iran Q794: Iranian Iranians
Iraq Q796: Iraqi Iraqis
Ireland Q27: Irish Irishman Irishwoman
Israel Q801: Israeli Israelis
Italy Q38: Italian Italians
Ivory Coast: Ivorian Ivorians
Jamaica Q766: Jamaican Jamaicans
Japan Q17: Japanese
Jordan Q810: Jordanian Jordanians
Kazakhstan Q232: Kazakh Kazakhs Kazakhstani
Kenya Q114: Kenyan Kenyans
Kiribati:
Kosovo: Kosovar Kosovan
Kuwait Q817: Kuwaiti Kuwaitis
Kyrgyzstan Q813: Kyrgyz
Laos: Laotian Laotians Lao
Latvia Q211: Latvian Latvians
Lebanon Q822: Lebanese
Lesotho: Basotho
Liberia: Liberian Liberians
Libya Q1016: Libyan Libyans
Liechtenstein:
Lithuania Q37: Lithuanian Lithuanians
Luxembourg Q32:
Madagascar: Malagasy
Malawi: Malawian Malawians
Malaysia Q833: Malaysian Malaysians
Maldives: Maldivian Maldivians
Mali Q912: Malian Malians
Malta Q233: Maltese
Mauritania: Mauritanian Mauritanians
Mauritius: Mauritian Mauritians
Mexico Q96: Mexican Mexicans
Moldova Q217: Moldovan Moldovans
Monaco Q235: Monegasque
Mongolia Q711: Mongolian Mongolians
Montenegro Q236: Montenegrin Montenegrins
Morocco Q1028: Moroccan Moroccans
Mozambique: Mozambican Mozambicans
Myanmar: Burmese
Burma:
Namibia: Namibian Namibians
Nepal Q837: Nepali Nepalese Nepalis
Netherlands: Dutch Dutchman Dutchwoman
New Zealand Q664: Kiwi Kiwis
Nicaragua: Nicaraguan Nicaraguans
Niger: Nigerien
Nigeria Q1033: Nigerian Nigerians
North Korea Q423:
North Macedonia: Macedonian Macedonians
Northern Ireland:
Norway Q20: Norwegian Norwegians
Oman Q842: Omani Omanis
Pakistan Q843: Pakistani Pakistanis
Palestine: Palestinian Palestinians
Panama: Panamanian Panamanians
Papua New Guinea:
Paraguay Q733: Paraguayan Paraguayans
Peru Q419: Peruvian Peruvians
Philippines: Filipino Filipinos Philippine
Poland Q36: Polish Pole Poles
Portugal Q45: Portuguese
Qatar Q846: Qatari Qataris
Romania Q218: Romanian Romanians
Russia Q159: Russian Russians
Rwanda: Rwandan Rwandans
Samoa: Samoan Samoans
Saudi Arabia Q851: Saudi Saudis
Scotland: Scottish Scot Scots
Senegal Q1041: Senegalese
Serbia Q403: Serbian Serbians Serb Serbs
Seychelles:
Sierra Leone:
Singapore Q334: Singaporean Singaporeans
Slovakia Q214: Slovak Slovaks Slovakian
Slovenia Q215: Slovenian Slovenians Slovene Slovenes
Solomon Islands:
Somalia Q1045: Somali Somalis
South Africa Q258:
South Korea Q884:
South Sudan:
Spain Q29: Spanish Spaniard Spaniards
Sri Lanka Q854:
Sudan Q1049: Sudanese
Suriname: Surinamese
Sweden Q34: Swedish Swede Swedes
Switzerland Q39: Swiss
Syria Q858: Syrian Syrians
Taiwan Q865: Taiwanese
Tajikistan Q863: Tajik Tajiks
Tanzania Q924: Tanzanian Tanzanians
Thailand Q869: Thai Thais
Tibet: Tibetan Tibetans
Togo: Togolese
Tonga: Tongan Tongans
Trinidad and Tobago: Trinidadian Trinidadians
Tunisia Q948: Tunisian Tunisians
Turkey Q43: Turkish Turk Turks
Turkiye Q43:
Türkiye Q43:
Turkmenistan Q874: Turkmen
Tuvalu:
Uganda Q1036: Ugandan Ugandans
Ukraine Q212: Ukrainian Ukrainians
United Arab Emirates Q878: Emirati Emiratis
United Kingdom Q145: British Briton Britons Brit Brits
United States Q30: American Americans
Uruguay Q77: Uruguayan Uruguayans
Uzbekistan Q265: Uzbek Uzbeks
Vanuatu:
Vatican:
Venezuela Q717: Venezuelan Venezuelans
Vietnam Q881: Vietnamese
Wales: Welsh Welshman
Western Sahara:
Yemen Q805: Yemeni Yemenis
Zambia Q953: Zambian Zambians
Zimbabwe Q954: Zimbabwean Zimbabweans
"""
_ALIASES = {
    "US": "United States",
    "U.S": "United States",
    "U.S.": "United States",
    "USA": "United States",
    "U.S.A.": "United States",
    "America": "United States",
    "United States of America": "United States",
    "UK": "United Kingdom",
    "U.K.": "United Kingdom",
    "U.K": "United Kingdom",
    "Britain": "United Kingdom",
    "Great Britain": "United Kingdom",
    "UAE": "United Arab Emirates",
    "DRC": "Democratic Republic of Congo",
    "DR Congo": "Democratic Republic of Congo",
    "Holland": "Netherlands",
    "Democratic Republic of the Congo": "Democratic Republic of Congo",
    "Republic of Ireland": "Ireland",
    "Soviet Union": "Soviet Union",
    "USSR": "Soviet Union",
    "Timor-Leste": "East Timor",
    "Macau": "Macau",
    "Hong Kong": "Hong Kong",
    "Republic of Korea": "South Korea",
    "Korea": "Korea",
    "Yugoslavia": "Yugoslavia",
    "Czechoslovakia": "Czechoslovakia",
    "Puerto Rico": "Puerto Rico",
    "Greenland": "Greenland",
    "Guam": "Guam",
    "Gibraltar": "Gibraltar",
    "Crimea": "Crimea",
    "Catalonia": "Catalonia",
    "Kurdistan": "Kurdistan",
    "Isle of Man": "Isle of Man",
    "Chechnya": "Chechnya",
    "Bermuda": "Bermuda",
}
_STATES = """\
Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;Florida;Hawaii;Idaho;
Illinois;Indiana;Iowa;Kansas;Kentucky;Louisiana;Maine;Maryland;Massachusetts;Michigan;Minnesota;
Mississippi;Missouri;Montana;Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;New York;
North Carolina;North Dakota;Ohio;Oklahoma;Oregon;Pennsylvania;Rhode Island;South Carolina;
South Dakota;Tennessee;Texas;Utah;Vermont;West Virginia;Wisconsin;Wyoming;New South Wales;
Victoria;Queensland;Tasmania;Western Australia;South Australia;Northern Territory;Ontario;
Quebec;British Columbia;Alberta;Manitoba;Saskatchewan;Nova Scotia;New Brunswick;Bavaria;Saxony;
Hesse;Brandenburg;Kerala;Punjab;Gujarat;Maharashtra;Tamil Nadu;Karnataka;Bihar;Assam;Kashmir;
Uttar Pradesh;West Bengal;Rajasthan;Xinjiang;Sichuan;Guangdong;Yunnan;Hebei;Henan;Hubei;Hunan;
Hokkaido;Okinawa;Sindh;Balochistan;Khyber Pakhtunkhwa;Andalusia;Normandy;Brittany;Provence;
Tuscany;Sicily;Sardinia;Lombardy;Flanders;Wallonia;Transylvania;Donetsk;Luhansk;Yorkshire;Kent;
Essex;Surrey;Sussex;Cornwall;Devon;Norfolk;Suffolk;Lancashire;Cumbria;Northumberland;Hampshire;
Dorset;Somerset"""
_CITIES = """\
London;Paris;Berlin;Madrid;Rome;Vienna;Brussels;Amsterdam;Copenhagen;Stockholm;Oslo;Helsinki;
Warsaw;Prague;Budapest;Bucharest;Sofia;Athens;Lisbon;Dublin;Edinburgh;Glasgow;Cardiff;Belfast;
Manchester;Liverpool;Birmingham;Leeds;Bristol;Sheffield;Newcastle;Nottingham;Oxford;Cambridge;
York;Moscow;St Petersburg;St. Petersburg;Saint Petersburg;Kyiv;Kiev;Odesa;Odessa;Kharkiv;Lviv;
Minsk;Vilnius;Riga;Tallinn;Tbilisi;Yerevan;Baku;Ankara;Istanbul;Damascus;Aleppo;Beirut;
Jerusalem;Tel Aviv;Amman;Cairo;Alexandria;Tripoli;Tunis;Algiers;Rabat;Casablanca;Khartoum;
Addis Ababa;Nairobi;Mombasa;Kampala;Kigali;Dar es Salaam;Lagos;Abuja;Accra;Dakar;Bamako;
Kinshasa;Luanda;Harare;Lusaka;Johannesburg;Pretoria;Cape Town;Durban;Windhoek;Maputo;Riyadh;
Jeddah;Mecca;Medina;Doha;Dubai;Abu Dhabi;Kuwait City;Manama;Muscat;Sanaa;Aden;Baghdad;Mosul;
Basra;Tehran;Kabul;Kandahar;Islamabad;Karachi;Lahore;Peshawar;Quetta;New Delhi;Delhi;Mumbai;
Bombay;Kolkata;Calcutta;Chennai;Bangalore;Bengaluru;Hyderabad;Dhaka;Colombo;Kathmandu;Yangon;
Naypyidaw;Bangkok;Hanoi;Ho Chi Minh City;Saigon;Phnom Penh;Vientiane;Kuala Lumpur;Jakarta;
Manila;Beijing;Shanghai;Guangzhou;Shenzhen;Wuhan;Chongqing;Tianjin;Chengdu;Nanjing;Taipei;Seoul;
Busan;Pyongyang;Tokyo;Osaka;Kyoto;Hiroshima;Nagasaki;Ulaanbaatar;Sydney;Melbourne;Brisbane;
Perth;Adelaide;Canberra;Darwin;Hobart;Auckland;Wellington;Christchurch;Suva;Port Moresby;
New York City;Los Angeles;Chicago;Houston;Philadelphia;Phoenix;San Antonio;San Diego;Dallas;
San Francisco;Austin;Seattle;Denver;Boston;Detroit;Miami;Atlanta;Washington;Washington, D.C.;
Baltimore;Las Vegas;Portland;New Orleans;Cleveland;Pittsburgh;Cincinnati;St. Louis;Minneapolis;
Milwaukee;Kansas City;Nashville;Memphis;Charlotte;Orlando;Tampa;Sacramento;San Jose;
Salt Lake City;Honolulu;Anchorage;Toronto;Montreal;Vancouver;Ottawa;Calgary;Edmonton;Winnipeg;
Mexico City;Guadalajara;Havana;Kingston;Port-au-Prince;San Juan;Santo Domingo;Guatemala City;
Managua;San Salvador;Tegucigalpa;Panama City;Bogota;Bogotá;Medellin;Cali;Caracas;Quito;Lima;
La Paz;Santiago;Buenos Aires;Montevideo;Asuncion;Brasilia;Sao Paulo;São Paulo;Rio de Janeiro;
Barcelona;Seville;Valencia;Bilbao;Milan;Naples;Turin;Venice;Florence;Munich;Hamburg;Frankfurt;
Cologne;Stuttgart;Dresden;Leipzig;Zurich;Geneva;Bern;Basel;Strasbourg;Lyon;Marseille;Nice;
Bordeaux;Toulouse;Antwerp;Rotterdam;The Hague;Gothenburg;Malmo;Bergen;Trondheim;Aarhus;
Reykjavik;Krakow;Gdansk;Zagreb;Belgrade;Sarajevo;Skopje;Pristina;Tirana;Ljubljana;Bratislava;
Porto;Thessaloniki;Ramallah;Hebron;Rafah;Gaza City;Kandy;Srinagar;Ahmedabad;Pune;Jaipur;Lucknow"""
_REGIONS = """\
Africa;Asia;Europe;North America;South America;Latin America;Central America;Antarctica;Oceania;
Arctic;Antarctic;Middle East;Far East;Caribbean;Balkans;Baltics;Scandinavia;Eastern Europe;
Western Europe;Central Europe;Southeast Asia;South Asia;East Asia;Central Asia;West Africa;
East Africa;North Africa;Southern Africa;Sub-Saharan Africa;Horn of Africa;Sahel;Sahara;
Mediterranean;Atlantic;Pacific;Indian Ocean;Atlantic Ocean;Pacific Ocean;Arctic Ocean;North Sea;
Baltic Sea;Black Sea;Red Sea;Caspian Sea;South China Sea;East China Sea;Mediterranean Sea;
Persian Gulf;Gulf of Mexico;Suez Canal;English Channel;Alps;Himalayas;Andes;Pyrenees;Rockies;
Amazon;Danube;Rhine;Nile;Volga;Thames;Mekong;Everest;Midwest;New England;Siberia;West Bank;
Gaza Strip;Golan Heights;Mars;Earth;Moon;Silicon Valley;Caucasus;Crimean Peninsula;
Korean Peninsula;Sinai;Mesopotamia;Iberian Peninsula;Levant;Maghreb"""
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
_ORGS = """United Nations;UN;U.N.;European Union;EU;E.U.;NATO;Nato;World Health Organization;
World Health Organisation;WHO;World Bank;International Monetary Fund;IMF;
World Trade Organization;WTO;Red Cross;UNICEF;Unicef;UNESCO;Unesco;Interpol;OPEC;ASEAN;
African Union;Arab League;European Commission;European Parliament;European Council;Congress;
Senate;Parliament;House of Commons;House of Lords;House of Representatives;Supreme Court;
White House;Pentagon;Kremlin;Downing Street;Security Council;Taliban;Hamas;Hezbollah;Hizbollah;
Al Qaeda;al-Qaida;al-Qaeda;al-Shabaab;Boko Haram;Islamic State;ISIS;Isis;ISIL;FBI;CIA;NSA;NASA;
Nasa;MI5;MI6;FIFA;Fifa;UEFA;Uefa;IOC;NBA;NFL;NHL;BBC;CNN;NBC;CBS;ABC;Reuters;Associated Press;
AFP;Agence France-Presse;AP;Al Jazeera;New York Times;Washington Post;Wall Street Journal;
Guardian;Financial Times;Bloomberg;Google;Microsoft;Apple;Amazon.com;Meta;Samsung;Toyota;
Volkswagen;BMW;Boeing;Airbus;Shell;BP;ExxonMobil;Gazprom;Greenpeace;Amnesty International;
Human Rights Watch;Oxfam;Médecins Sans Frontières;Doctors Without Borders;Labour;Labour Party;
Conservative Party;Democratic Party;Republican Party;Green Party;Liberal Democrats;Sinn Féin;
Sinn Fein;GOP;Federal Reserve;European Central Bank;ECB;Bank of England;Scotland Yard;Xinhua;
Interfax;TASS;International Criminal Court;ICC;International Atomic Energy Agency;IAEA;OSCE;
OECD;G7;G20;BRICS;Commonwealth;Knesset;Bundestag;Duma;Bundesbank;Tesla;Netflix;Sony;Nokia;Intel;
IBM;Nike;Ryanair"""

# Wikidata ids of places, bodies and peoples that mean one thing in the news; a name that means
# several (Georgia, Congress, Washington) has none.
_IDS = """\
Alabama 173;Alaska 797;Arizona 816;Arkansas 1612;California 99;Colorado 1261;Connecticut 779;
Delaware 1393;Florida 812;Hawaii 782;Idaho 1221;Illinois 1204;Indiana 1415;Iowa 1546;Kansas 1558;
Kentucky 1603;Louisiana 1588;Maine 724;Maryland 1391;Massachusetts 771;Michigan 1166;Minnesota 1527;
Mississippi 1494;Missouri 1581;Montana 1212;Nebraska 1553;Nevada 1227;New Hampshire 759;
New Jersey 1408;New Mexico 1522;North Carolina 1454;North Dakota 1207;Ohio 1397;Oklahoma 1649;
Oregon 824;Pennsylvania 1400;Rhode Island 1387;South Carolina 1456;South Dakota 1211;Tennessee 1509;
Texas 1439;Utah 829;Vermont 16551;Virginia 1370;West Virginia 1371;Wisconsin 1537;Wyoming 1214;
Ontario 1904;Quebec 176;British Columbia 1974;Alberta 1951;Manitoba 1948;Saskatchewan 1989;
Nova Scotia 1952;New Brunswick 1965;New South Wales 3224;Queensland 36074;Tasmania 34366;
Western Australia 3206;South Australia 35715;Northern Territory 3235;Kerala 1186;
London 84;Paris 90;Berlin 64;Madrid 2807;Rome 220;Vienna 1741;Brussels 239;Amsterdam 727;
Copenhagen 1748;Stockholm 1754;Oslo 585;Helsinki 1757;Warsaw 270;Prague 1085;Budapest 1781;
Bucharest 19660;Sofia 472;Athens 1524;Lisbon 597;Dublin 1761;Edinburgh 23436;Glasgow 4093;
Cardiff 10690;Belfast 10686;Manchester 18125;Liverpool 24826;Birmingham 2256;Leeds 39121;
Bristol 23154;Sheffield 42448;Oxford 34217;Cambridge 350;Moscow 649;Saint Petersburg 656;Kyiv 1899;
Kharkiv 42308;Lviv 36036;Minsk 2280;Vilnius 216;Riga 1773;Tallinn 1770;Tbilisi 994;Yerevan 1953;
Baku 9248;Ankara 3640;Istanbul 406;Damascus 3766;Aleppo 41183;Beirut 3820;Jerusalem 1218;
Tel Aviv 33935;Amman 3805;Cairo 85;Tunis 3572;Algiers 3561;Rabat 3551;Khartoum 1963;
Addis Ababa 3624;Nairobi 3870;Kampala 3894;Kigali 3859;Lagos 8673;Abuja 3787;Accra 3761;Dakar 3718;
Bamako 3703;Kinshasa 3838;Luanda 3897;Harare 3921;Lusaka 3881;Johannesburg 34647;Pretoria 3926;
Cape Town 5465;Durban 5468;Riyadh 3692;Mecca 5806;Doha 3861;Dubai 612;Abu Dhabi 1519;Baghdad 1530;
Tehran 3616;Kabul 5838;Kandahar 45604;Islamabad 1362;Karachi 8660;Lahore 11739;New Delhi 987;
Delhi 1353;Mumbai 1156;Kolkata 1348;Chennai 1352;Bangalore 1355;Dhaka 1354;Colombo 35381;
Kathmandu 3037;Bangkok 1861;Hanoi 1858;Ho Chi Minh City 1854;Kuala Lumpur 1865;Jakarta 3630;
Manila 1461;Beijing 956;Shanghai 8686;Guangzhou 16572;Shenzhen 15174;Wuhan 11746;Taipei 1867;
Seoul 8684;Busan 16520;Pyongyang 18808;Tokyo 1490;Osaka 35765;Kyoto 34600;Hiroshima 34664;
Nagasaki 38234;Sydney 3130;Melbourne 3141;Brisbane 34932;Adelaide 5112;Canberra 3114;
Auckland 37100;Wellington 23661;Christchurch 79990;New York City 60;Los Angeles 65;Chicago 1297;
Houston 16555;Philadelphia 1345;San Diego 16552;Dallas 16557;San Francisco 62;Seattle 5083;
Denver 16554;Boston 100;Detroit 12439;Miami 8652;Atlanta 23556;Washington, D.C. 61;Baltimore 5092;
Las Vegas 23768;New Orleans 34404;Cleveland 37320;Pittsburgh 1342;Cincinnati 43196;
Minneapolis 36091;Toronto 172;Montreal 340;Vancouver 24639;Ottawa 1930;Calgary 36312;
Mexico City 1489;Havana 1563;Bogotá 2841;Caracas 1533;Quito 2900;Lima 2868;Buenos Aires 1486;
Montevideo 1335;São Paulo 174;Rio de Janeiro 8678;Barcelona 1492;Seville 8717;Bilbao 8692;
Milan 490;Naples 2634;Turin 495;Venice 641;Florence 2044;Munich 1726;Hamburg 1055;Frankfurt 1794;
Cologne 365;Stuttgart 1022;Dresden 1731;Leipzig 2079;Zurich 72;Geneva 71;Bern 70;Basel 78;
Strasbourg 6602;Lyon 456;Marseille 23482;Bordeaux 1479;Toulouse 7880;Antwerp 12892;
Rotterdam 34370;The Hague 36600;Gothenburg 25287;Reykjavik 1764;Krakow 31487;Zagreb 1435;
Belgrade 3711;Sarajevo 11194;Skopje 384;Pristina 25270;Tirana 19689;Ljubljana 437;Bratislava 1780;
Africa 15;Asia 48;Europe 46;North America 49;South America 18;Latin America 12585;Antarctica 51;
Middle East 7204;Mediterranean Sea 4918;Black Sea 166;Red Sea 23406;Baltic Sea 545;North Sea 1693;
Persian Gulf 34675;Atlantic Ocean 97;Pacific Ocean 98;Indian Ocean 1239;Arctic Ocean 788;
English Channel 34640;Suez Canal 899;Gulf of Mexico 12630;West Bank 36678;Gaza Strip 39760;Earth 2;
Mars 111;Moon 405;Siberia 5428;Himalayas 5451;Alps 1286;Andes 5456;Danube 1653;Rhine 584;Nile 3392;
Volga 626;Thames 19686;Caspian Sea 5484;
United Nations 1065;European Union 458;NATO 7184;World Health Organization 7817;World Bank 7164;
International Monetary Fund 7804;World Trade Organization 7825;UNICEF 740308;UNESCO 7809;
Interpol 8475;OPEC 7795;ASEAN 7768;African Union 7159;Arab League 7172;European Commission 8880;
European Parliament 8889;White House 35525;Taliban 42418;Hamas 38799;Hezbollah 41053;
al-Qaeda 34490;Islamic State 2429253;FBI 8333;CIA 37230;NASA 23548;FIFA 253414;UEFA 35572;BBC 9531;
CNN 48340;Reuters 130879;Associated Press 40469;Agence France-Presse 40464;New York Times 9684;
Washington Post 166032;Wall Street Journal 164746;Financial Times 183399;Google 95;Microsoft 2283;
Toyota 53268;Boeing 66;Airbus 67;Greenpeace 81307;Amnesty International 42970;
Human Rights Watch 187052;Democratic Party 29552;Republican Party 29468;Federal Reserve 53536;
European Central Bank 8901;International Criminal Court 47488;
International Atomic Energy Agency 41984;Netflix 907311;Twitter 918;Instagram 209330;YouTube 866;
Wikipedia 52;Walmart 483551;Guardian 11148;United States Congress 11268;
United States Senate 66096;United States House of Representatives 11701;
United States Supreme Court 11201;United States Constitution 11698;United States Army 9212;
United States Navy 11220;International Space Station 25271;European Space Agency 42262;
Bahamas 778;Barbados 244;Belize 242;Benin 962;Bhutan 917;Botswana 963;Brunei 921;Burkina Faso 965;
Burundi 967;Cape Verde 1011;Central African Republic 929;Comoros 970;
Democratic Republic of Congo 974;Costa Rica 800;Djibouti 977;Dominica 784;Dominican Republic 786;
East Timor 574;El Salvador 792;England 21;Equatorial Guinea 983;Eritrea 986;Eswatini 1050;Fiji 712;
Gabon 1000;Gambia 1005;Grenada 769;Guatemala 774;Guinea 1006;Guyana 734;Honduras 783;
Ivory Coast 1008;Kiribati 710;Kosovo 1246;Laos 819;Lesotho 1013;Liberia 1014;Liechtenstein 347;
Madagascar 1019;Malawi 1020;Maldives 826;Mauritania 1025;Mauritius 1027;Mozambique 1029;
Namibia 1030;Nicaragua 811;Niger 1032;North Macedonia 221;Northern Ireland 26;Panama 804;
Papua New Guinea 691;Rwanda 1037;Samoa 683;Scotland 22;Seychelles 1042;Sierra Leone 1044;
Solomon Islands 685;South Sudan 958;Suriname 730;Togo 945;Tonga 678;Trinidad and Tobago 754;
Tuvalu 672;Vanuatu 686;Vatican 237;Wales 25;Soviet Union 15180;Hong Kong 8646;Macau 14773;
Puerto Rico 1183;Greenland 223;Guam 16635;Gibraltar 1410;Crimea 7835;Catalonia 5705;Bermuda 23635;
Philippines 928;Myanmar 836;Yugoslavia 36704;Czechoslovakia 33946;Islam 432"""
_CALLED = """UN=United Nations;U.N.=United Nations;EU=European Union;E.U.=European Union;Nato=NATO;
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
Costa Rican=Costa Rica;Puerto Rican=Puerto Rico;Puerto Ricans=Puerto Rico;
New Zealander=New Zealand;New Zealanders=New Zealand;Saudi Arabian=Saudi Arabia;
Hong Konger=Hong Kong;Hong Kongers=Hong Kong;South Sudanese=South Sudan;
Sierra Leonean=Sierra Leone;Papua New Guinean=Papua New Guinea;Northern Irish=Northern Ireland"""

COUNTRIES: dict[str, str] = {}
"""Country -> Wikidata id, "" where it is not known."""
NORPS: dict[str, str] = {}
"""Adjective or people -> the country that is its entity, "" where there is none."""
for _line in _COUNTRIES.strip().splitlines():
    _left, _right = _line.split(":")
    _words = _left.split()
    _id = _words.pop() if _words[-1][0] == "Q" and _words[-1][1:].isdigit() else ""
    COUNTRIES[" ".join(_words)] = _id
    for _form in _right.split():
        NORPS.setdefault(_form, " ".join(_words))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", "").split(";") if part.strip()]


for _form in [*sorted(_PEOPLES), *_split(_PAIRED)]:
    NORPS.setdefault(_form, "")

IDS: dict[str, str] = {}
"""Name of an entity -> its Wikidata id."""
for _entry in _split(_IDS):
    _name, _number = _entry.rsplit(" ", 1)
    IDS[_name] = f"Q{_number}"
IDS |= {_name: _id for _name, _id in COUNTRIES.items() if _id}
CALLED: dict[str, str] = dict(_entry.split("=") for _entry in _split(_CALLED))
"""Another name of an entity, or the word for its people -> the entity."""

NAMES: dict[str, str] = {}
"""Name -> type."""
for _name in _split(_ORGS):
    NAMES[_name] = "ORG"
for _name in _split(_REGIONS):
    NAMES[_name] = "LOC"
for _name in [*_split(_CITIES), *_split(_STATES), *COUNTRIES, *_ALIASES]:
    NAMES[_name] = "GPE"
for _name in NORPS:
    NAMES[_name] = "NORP"


def entity_of(name: str) -> tuple[str, str]:
    """`(entity's name, Wikidata id)` of a known name; `(name, "")` for any other."""
    fullest = CALLED.get(name) or _ALIASES.get(name) or NORPS.get(name) or name
    return fullest, IDS.get(fullest, "")


LONGEST = max(len(name.split()) for name in NAMES)

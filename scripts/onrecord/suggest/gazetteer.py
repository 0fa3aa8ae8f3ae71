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
Costa Rica: Rican Ricans
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
Sri Lanka Q854: Lankan Lankans
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
    """European Europeans African Africans Asian Asians American Americans Western Eastern Arab
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
    Venetian Sicilian Hawaiian Texan Floridian Mayan Aztec Inca Incan Cherokee Navajo Apache
    Sioux Anglo-Saxon Germanic Celtic Euro-Atlantic Afrikaans Afrikaner Afrikaners"""
)
_PAIRED = """North Korean;North Koreans;South Korean;South Koreans;South African;South Africans;
North African;West African;East African;Latin American;Latin Americans;Central American;
South American;Sri Lankan;Sri Lankans;Costa Rican;Puerto Rican;Puerto Ricans;Middle Eastern;
African American;African Americans;African-American;African-Americans;Saudi Arabian;
New Zealander;New Zealanders;Hong Konger;Hong Kongers;East German;West German;Eastern European;
Northern Irish;South Asian;Southeast Asian;Native American;Native Americans;Afro-American;
Asian American;Torres Strait Islander;Papua New Guinean;South Sudanese;Sierra Leonean;
Ivory Coast;Anglo-American;Franco-German;Irish-American;Italian-American;Mexican-American;
European Union"""
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
        if _form not in ("Rican", "Ricans", "Lankan", "Lankans"):
            NORPS.setdefault(_form, " ".join(_words))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", "").split(";") if part.strip()]


for _form in [*sorted(_PEOPLES), *_split(_PAIRED)]:
    if _form not in ("European Union", "Ivory Coast"):
        NORPS.setdefault(_form, "")
for _compass in ("North", "South"):
    for _form in ("Korean", "Koreans"):
        NORPS[f"{_compass} {_form}"] = f"{_compass} Korea"
NORPS |= {"South African": "South Africa", "South Africans": "South Africa",
          "Sri Lankan": "Sri Lanka", "Sri Lankans": "Sri Lanka"}  # fmt: skip

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
    fullest = _ALIASES.get(name) or NORPS.get(name) or name
    return fullest, COUNTRIES.get(fullest, "")


LONGEST = max(len(name.split()) for name in NAMES)
